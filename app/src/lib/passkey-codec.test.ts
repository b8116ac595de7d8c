import { creationOptions, credentialJson, fromBase64Url, requestOptions, toBase64Url } from './passkey-codec';

const bytes = (...values: number[]) => new Uint8Array(values).buffer;

test.each([
  [[], ''],
  [[0x66], 'Zg'],
  [[0x66, 0x6f], 'Zm8'],
  [[0x66, 0x6f, 0x6f], 'Zm9v'],
  [[0xfb, 0xff, 0xbf], '-_-_'],
  [[0xff, 0xff, 0xff, 0xff], '_____w'],
])('bytes %j are "%s" and back (RFC 4648)', (values, text) => {
  expect(toBase64Url(bytes(...values))).toBe(text);
  expect([...new Uint8Array(fromBase64Url(text))]).toEqual(values);
});

test('every byte survives', () => {
  const all = Array.from({ length: 256 }, (_, index) => index);
  expect([...new Uint8Array(fromBase64Url(toBase64Url(bytes(...all))))]).toEqual(all);
});

test('the other alphabet and padding are read too, anything else is refused', () => {
  expect([...new Uint8Array(fromBase64Url('+/+/'))]).toEqual([0xfb, 0xff, 0xbf]);
  expect([...new Uint8Array(fromBase64Url('Zg=='))]).toEqual([0x66]);
  expect(() => fromBase64Url('Z g')).toThrow();
});

test('options get buffers where the browser wants them and keep the rest', () => {
  const request = requestOptions({ publicKey: { challenge: 'Zg', rpId: 'a.example', allowCredentials: [{ type: 'public-key', id: 'Zm8' }] } });
  expect(request).toEqual({
    challenge: bytes(0x66), rpId: 'a.example', allowCredentials: [{ type: 'public-key', id: bytes(0x66, 0x6f) }],
  });
  const creation = creationOptions({
    publicKey: {
      challenge: 'Zg', rp: { name: 'CodePop' }, user: { id: 'Zm9v', name: 'n', displayName: 'd' },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }], attestation: 'none',
    },
  });
  expect(creation).toMatchObject({ challenge: bytes(0x66), user: { id: bytes(0x66, 0x6f, 0x6f), name: 'n' }, attestation: 'none' });
});

test('a credential becomes JSON, without what the browser left out', () => {
  const credential = {
    id: 'Zg', type: 'public-key', rawId: bytes(0x66),
    response: { clientDataJSON: bytes(1), signature: bytes(2), userHandle: null },
    getClientExtensionResults: () => ({ credProps: { rk: true } }),
  };
  expect(credentialJson(credential)).toEqual({
    id: 'Zg', rawId: 'Zg', type: 'public-key', response: { clientDataJSON: 'AQ', signature: 'Ag' },
    clientExtensionResults: { credProps: { rk: true } },
  });
});
