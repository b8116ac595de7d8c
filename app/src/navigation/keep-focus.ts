/**
 * Keeps the keyboard's place. What is pressed often vanishes by that (a removed card, a button that gives way to a form), and
 * browsers then start again at the top of the page. Instead the nearest part around it that is still there takes the focus.
 */
export function keepFocus(): () => void {
  let around: Element[] = [];
  const remember = (event: FocusEvent) => {
    around = [];
    for (let part = event.target as Element | null; part; part = part.parentElement) around.push(part);
  };
  const mend = () => {
    const [focused] = around;
    if (!focused || focused.isConnected || (document.activeElement && document.activeElement !== document.body)) return;
    const left = around.find((part) => part.isConnected && part instanceof HTMLElement && part !== document.body);
    if (takeFocus(left?.id === 'root' ? undefined : (left as HTMLElement | undefined))) around = [];
  };
  const watch = new MutationObserver(mend);
  watch.observe(document.body, { childList: true, subtree: true });
  document.addEventListener('focusin', remember);
  return () => {
    watch.disconnect();
    document.removeEventListener('focusin', remember);
  };
}

/**
 * Gives the focus to a part. Without one, as on a new screen, or after a dialog whose opener is gone too, the screen itself takes
 * it. False when there is no screen yet: the next one is still on its way.
 */
export function takeFocus(part?: HTMLElement): boolean {
  const target = part ?? document.querySelector<HTMLElement>('[role="main"], main');
  if (!target) return false;
  if (!target.hasAttribute('tabindex')) {
    target.tabIndex = -1;
    target.style.outline = 'none';
  }
  target.focus({ preventScroll: true });
  return true;
}
