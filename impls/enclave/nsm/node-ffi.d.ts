/** What is used of `node:ffi`, experimental in Node 26 and not yet in its types. */
declare module 'node:ffi' {
  type ArgumentType = 'i32' | 'u32' | 'u64' | 'pointer';
  interface Signature {
    readonly arguments: readonly ArgumentType[];
    readonly return: 'i32' | 'pointer';
  }
  /** Opens a library (null: the program itself) and binds functions; pointers are addresses as bigints. */
  export function dlopen<Name extends string>(
    path: string | null,
    functions: Readonly<Record<Name, Signature>>,
  ): { readonly functions: Readonly<Record<Name, (...args: (number | bigint)[]) => number | bigint>> };
  /** The address of a typed array's memory. */
  export function getRawPointer(bytes: Uint8Array): bigint;
  export function getInt32(address: bigint, offset?: number): number;
}
