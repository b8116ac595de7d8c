/**
 * The screens of accounts as one download: they share so much that apart, what they share would be loaded with the
 * first page of everybody, who mostly only want a drink.
 */
export { default as account } from '@/features/account/account-screen';
export { default as forgot } from '@/features/account/forgot-screen';
export { default as mailbox } from '@/features/account/mailbox-screen';
export { default as reset } from '@/features/account/reset-screen';
export { default as signUp } from '@/features/account/sign-up-screen';
export { default as verify } from '@/features/account/verify-screen';
export { default as favourites } from '@/features/favourites/favourites-screen';
export { default as messages } from '@/features/messages/messages-screen';
export { default as privacy } from '@/features/privacy/privacy-screen';
export { default as name } from '@/features/profile/name-screen';
export { default as taste } from '@/features/profile/taste-screen';
export { default as devices } from '@/features/security/devices-screen';
export { default as email } from '@/features/security/email-screen';
export { default as password } from '@/features/security/password-screen';
export { default as security } from '@/features/security/security-screen';
export { default as twoStep } from '@/features/security/two-step-screen';
export { default as welcome } from '@/features/welcome/welcome-screen';
