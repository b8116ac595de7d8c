"""The ground on which features stand: transactions, events, jobs, inbox, idempotency, encryption, errors, logs."""
