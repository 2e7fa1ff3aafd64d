/** The part of convict's interface that this package uses (the package ships no types of its own). */
declare module "convict" {
  export interface SchemaNode {
    doc?: string;
    format?: string;
    default: unknown;
    sensitive?: boolean;
  }
  export interface Instance {
    get(name: string): unknown;
    set(name: string, value: unknown): Instance;
    has(name: string): boolean;
    default(name: string): unknown;
    validate(options: { allowed: "strict" | "warn" }): Instance;
  }
  export interface Format {
    name: string;
    validate(value: unknown, schema: SchemaNode): void;
    coerce?(text: string, instance: Instance | undefined, name: string): unknown;
  }
  interface Convict {
    (schema: Record<string, SchemaNode>, options: { env: Record<string, string>; args: readonly string[] }): Instance;
    addFormat(format: Format): void;
  }
  const convict: Convict;
  // biome-ignore lint/style/noDefaultExport: this is how a CommonJS module looks from here
  export default convict;
}
