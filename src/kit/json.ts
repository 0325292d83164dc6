/** What can be stored and sent as JSON without losing anything. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
