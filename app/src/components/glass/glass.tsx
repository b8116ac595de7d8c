import { useId } from 'react';
import { View } from 'react-native';
import Svg, { ClipPath, G, LinearGradient, Path, Rect, Stop } from 'react-native-svg';

import { Defs } from '@/components/svg';
import { useMotion, useTheme } from '@/theme';

import { bubblesIn } from './bubble-field';
import { Bubbles } from './bubbles';
import { faded, parseHex, toHex } from './color';
import { CUP_HEIGHT, shapeFor, stopsFor, VIEW, type Cup, type Shape } from './geometry';
import type { GlassPicture } from './model';
import { CreamCap, Garnish, Ice, Pearls, Scoops, Straw } from './parts';
import { strawFor } from './straw';
import { poseFor, useTween } from './tween';

export interface GlassProps extends GlassPicture {
  /** Width in points; the height is about a third more. */
  size: number;
  /** Names the drink and what is in it. An empty one leaves the picture to the words beside it. */
  label: string;
  /** 0 to 1, as the robot pours. */
  fill?: number;
  cup?: Cup;
  /** Sold out: the same drink, nearly grey. */
  muted?: boolean;
}

/** Small glasses keep still: a page of them would distract. */
const MOVING_FROM = 130;

function usePicture(props: GlassProps, motion: boolean) {
  const pose = useTween(
    poseFor(props.layers, props.fill ?? 1, CUP_HEIGHT[props.cup ?? 'medium'], props.muted === true),
    motion && props.size >= MOVING_FROM,
  );
  const shape = shapeFor(pose.height);
  const surface = shape.bottom - (shape.bottom - shape.full) * pose.fill;
  return { shape, surface, stops: stopsFor(pose.parts), done: pose.fill > 0.97 };
}

type Picture = ReturnType<typeof usePicture>;

function Liquid({ picture, id }: { picture: Picture; id: string }) {
  const { shape, surface, stops } = picture;
  const drink = { x: 0, y: surface, width: 200, height: VIEW.y + VIEW.height - surface };
  return (
    <G>
      <Defs>
        <LinearGradient gradientUnits="userSpaceOnUse" id={`${id}mix`} x1="0" x2="0" y1={shape.bottom} y2={shape.full}>
          {stops.map((stop, index) => (
            <Stop key={index} offset={stop.offset} stopColor={stop.color} stopOpacity={stop.opacity} />
          ))}
        </LinearGradient>
      </Defs>
      {stops.length > 0 && (
        <G>
          <Rect fill="#FFFFFF" fillOpacity={0.55} {...drink} />
          <Rect fill={`url(#${id}mix)`} {...drink} />
          <Rect fill="#FFFFFF" fillOpacity={0.28} {...drink} height={2.5} />
        </G>
      )}
    </G>
  );
}

/** Light on the left side of the glass. */
function Shine({ shape }: { shape: Shape }) {
  const left = (y: number) => 100 - shape.half(y) + 9;
  const [top, low] = [shape.rim + 5, shape.bottom - 6];
  return (
    <Path d={`M${left(top)} ${top} h9 L${left(low) + 8} ${low} h-7 Z`} fill="#FFFFFF" fillOpacity={0.34} />
  );
}

interface ContentProps {
  props: GlassProps;
  picture: Picture;
  id: string;
  motion: boolean;
}

function tinted(color: string, muted: boolean | undefined): string {
  return muted ? toHex(faded(parseHex(color))) : color;
}

function Content({ props, picture, id, motion }: ContentProps) {
  const { shape, surface, done } = picture;
  const cream = done && props.cream ? tinted(props.cream, props.muted) : null;
  return (
    <G clipPath={`url(#${id}in)`}>
      <Liquid id={id} picture={picture} />
      {cream && <Rect fill={cream} height={surface - shape.rim + 3} width={200} x={0} y={shape.rim} />}
      {props.pearls && <Pearls bottom={shape.bottom} color={props.pearls} />}
      <Ice bottom={shape.bottom} level={props.ice} surface={surface} />
      <Bubbles bubbles={bubblesIn(shape, surface, props.bubbles)} moving={motion && props.size >= MOVING_FROM} />
    </G>
  );
}

/** What stands above the rim, behind the glass. */
function Behind({ props, picture }: { props: GlassProps; picture: Picture }) {
  if (!picture.done) return null;
  const { rim } = picture.shape;
  return (
    <G>
      <Straw color={tinted(strawFor(props.layers), props.muted)} rim={rim} />
      {props.cream && <CreamCap color={tinted(props.cream, props.muted)} rim={rim} />}
    </G>
  );
}

/** What sits in the opening and on the rim, before the glass. */
function Before({ props, picture }: { props: GlassProps; picture: Picture }) {
  if (!picture.done || props.muted || !props.garnish) return null;
  return (
    <Garnish
      capped={props.cream !== null || props.scoops.length > 0}
      garnish={props.garnish}
      shape={picture.shape}
    />
  );
}

/** The signature: a drink drawn from what is in it. */
export function Glass(props: GlassProps) {
  const { color } = useTheme();
  const motion = useMotion();
  const id = `g${useId().replace(/[^a-zA-Z0-9]/g, '')}`;
  const picture = usePicture(props, motion);
  const { shape, done } = picture;
  const name = props.label ? { role: 'img' as const, 'aria-label': props.label } : { 'aria-hidden': true };
  return (
    <View {...name} style={{ width: props.size, height: (props.size * VIEW.height) / VIEW.width }}>
      <Svg aria-hidden height="100%" viewBox={`${VIEW.x} ${VIEW.y} ${VIEW.width} ${VIEW.height}`} width="100%">
        <Defs>
          <ClipPath id={`${id}in`}>
            <Path d={shape.inside} />
          </ClipPath>
        </Defs>
        <Behind picture={picture} props={props} />
        <Path d={shape.outline} fill={color.pane} />
        <Content id={id} motion={motion} picture={picture} props={props} />
        {done && <Scoops colors={props.scoops.map((scoop) => tinted(scoop, props.muted))} rim={shape.rim} />}
        <Shine shape={shape} />
        <Path d={shape.outline} fill="none" stroke={color.rim} strokeLinejoin="round" strokeWidth={3.4} />
        <Before picture={picture} props={props} />
      </Svg>
    </View>
  );
}
