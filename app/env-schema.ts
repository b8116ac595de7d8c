import { z } from 'zod';

/** What a build may be given. A wrong value fails the build with the name of the variable and the reason. */
const origin = z.url({ protocol: /^https?$/, error: 'must be an origin such as https://order.example.com' });

const environment = z.object({
  EXPO_PUBLIC_API_ORIGIN: z.union([z.literal(''), origin]).default(''),
  EXPO_PUBLIC_SITE_ORIGIN: z.union([z.literal(''), origin]).optional(),
  APPLE_MERCHANT_ID: z.string().regex(/^merchant\./, 'must begin with "merchant."').optional(),
});

export type BuildEnvironment = z.infer<typeof environment>;

export function readEnvironment(values: NodeJS.ProcessEnv): BuildEnvironment {
  const read = environment.safeParse(values);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The app's build settings are wrong:\n${problems.join('\n')}`);
}
