/**
 * The screens of one order as one download: they share so much that apart, what they share would be loaded with the first
 * page.
 */
export { default as builder } from '@/features/builder/builder-screen';
export { default as cards } from '@/features/cards/cards-screen';
export { default as cart } from '@/features/cart/cart-screen';
export { default as checkout } from '@/features/checkout/checkout-screen';
export { default as pay } from '@/features/checkout/pay-screen';
export { default as order } from '@/features/order/order-screen';
export { default as orders } from '@/features/orders/orders-screen';
export { default as refunds } from '@/features/refunds/refunds-screen';
