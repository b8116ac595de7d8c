/** Values kept on the device, readable at once. Writing may finish later, reading always sees the newest. */
export interface KeptValues {
  get: (key: string) => string | null;
  set: (key: string, value: string) => void;
  remove: (key: string) => void;
  /** Calls when another tab has written the key; a device without tabs never does. Returns how to stop. */
  onOtherTab: (key: string, listener: () => void) => () => void;
}
