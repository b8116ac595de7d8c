import { useEffect, useState } from 'react';

import { Box } from '@/components/ui';

import type { Qr, QrProps } from './qr';

/** The encoder is as large as a screen and few pages need it, so it comes by itself and not with the first of all. */
const fetched: { Qr?: typeof Qr } = {};

export async function fetchQr(): Promise<void> {
  fetched.Qr = (await import('./qr')).Qr;
}

/** A QR code; its place stays free until it can be drawn. What it says always stands beside it in letters too. */
export function QrCode(props: QrProps) {
  const [, setCount] = useState(0);
  const missing = fetched.Qr === undefined;
  useEffect(() => {
    let shown = true;
    const drawn = () => (shown ? setCount((count) => count + 1) : undefined);
    if (missing) fetchQr().then(drawn, () => undefined);
    return () => {
      shown = false;
    };
  }, [missing]);
  const Drawn = fetched.Qr;
  return Drawn ? <Drawn {...props} /> : <Box style={{ width: props.size, height: props.size }} />;
}
