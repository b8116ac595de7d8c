export * from './endpoints';
export { ApiError, NoAnswerError, fieldOf, messageOf } from './errors';
