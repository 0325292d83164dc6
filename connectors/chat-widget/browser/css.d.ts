/** Vite hands style sheets over as text, for a constructable style sheet. */
declare module '*.css?inline' {
  const css: string;
  export default css;
}
