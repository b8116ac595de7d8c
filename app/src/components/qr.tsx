import encodeQR from 'qr';
import { useMemo } from 'react';
import Svg, { Path, Rect } from 'react-native-svg';

import { Box } from '@/components/ui';

/** A quiet zone of four modules, as ISO/IEC 18004 asks for. */
const QUIET = 4;

/** Dark runs of each row as one path: far fewer shapes than one for each module. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) => row.flatMap((dark, x) => (dark && !row[x - 1] ? [`M${x} ${y}h${runFrom(row, x)}v1H${x}z`] : [])))
    .join('');
}

function runFrom(row: readonly boolean[], start: number): number {
  const end = row.findIndex((dark, index) => index > start && !dark);
  return (end === -1 ? row.length : end) - start;
}

export interface QrProps {
  text: string;
  /** Names what the code does; its content is for machines. */
  label: string;
  /** Roughly; the real side is a whole number of points for each module, so that edges stay sharp. */
  size: number;
}

/** A QR code, dark on white in every palette: scanners need it so. */
export function Qr({ text, label, size }: QrProps) {
  const rows = useMemo(() => encodeQR(text, 'raw', { ecc: 'medium', border: QUIET }), [text]);
  const side = rows.length;
  const drawn = Math.max(1, Math.round(size / side)) * side;
  return (
    <Box clip label={label} role="img" rounded="sm" style={{ width: drawn, height: drawn, backgroundColor: '#FFFFFF' }}>
      <Svg aria-hidden height={drawn} viewBox={`0 0 ${side} ${side}`} width={drawn}>
        <Rect fill="#FFFFFF" height={side} width={side} />
        <Path d={pathOf(rows)} fill="#1F1533" />
      </Svg>
    </Box>
  );
}
