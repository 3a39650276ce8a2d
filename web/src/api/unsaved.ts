/*
 * What was typed and not saved when a session ended by itself. It is kept in this page's memory and
 * nowhere else, and for nobody but whoever typed it.
 */

/** One kind of draft, by the address of the page it is typed on. */
export class Unsaved<T> {
  readonly #typed = new Map<string, () => T>();
  #kept: ReadonlyMap<string, T> = new Map();

  constructor() {
    KINDS.add(this);
  }

  /** What was kept of that page, for as long as nothing is typed there anew. */
  keptOf(place: string): T | undefined {
    return this.#kept.get(place);
  }

  /** From here on this is typed there; to be called once it is not. */
  typing(place: string, what: () => T): () => void {
    this.#kept = new Map([...this.#kept].filter(([at]) => at !== place));
    this.#typed.set(place, what);
    return () => {
      if (this.#typed.get(place) === what) this.#typed.delete(place);
    };
  }

  keep(): void {
    this.#kept = new Map([...this.#typed].map(([place, what]) => [place, what()]));
  }

  forget(): void {
    this.#kept = new Map();
  }
}

const KINDS = new Set<Pick<Unsaved<unknown>, "keep" | "forget">>();
let whose: string | undefined;

/** Their session ended: what they were typing waits for them. */
export function keepUnsaved(userId: string): void {
  whose = userId;
  for (const kind of KINDS) kind.keep();
}

export function forgetUnsaved(): void {
  whose = undefined;
  for (const kind of KINDS) kind.forget();
}

/** Somebody signed in: what another typed is not for them. */
export function unsavedIsFor(userId: string): void {
  if (whose !== userId) forgetUnsaved();
}
