export * from './endpoints';
export { ApiError, NoAnswerError, fieldOf, isAnswered, messageOf } from './errors';
