/** What a language file has to hold: every text of English. Plural forms differ from language to language; `other` is always needed. */
import type { en } from "./en";

type Needed<T> = { [K in keyof T as K extends `${string}_one` ? never : K]: T[K] extends string ? string : Needed<T[K]> };
type Plurals<T> = { [K in keyof T as K extends `${infer Base}_other` ? `${Base}_zero` | `${Base}_one` | `${Base}_two` | `${Base}_few` | `${Base}_many` : never]?: string };
type Whole<T> = { [K in keyof Needed<T>]: K extends keyof T ? (T[K] extends string ? string : Whole<T[K]>) : never } & Plurals<T>;

export type Translation = Whole<typeof en>;
