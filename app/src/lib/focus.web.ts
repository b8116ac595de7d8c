/** Puts the focus on the first field that is wrong, once the page shows it as wrong; the browser scrolls it into view. */
export function focusFirstWrong(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });
}
