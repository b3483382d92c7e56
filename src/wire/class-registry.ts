import { InvalidStateError, invalidArgument } from '../core/index.ts'

/** Any class, whatever its constructor takes. */
export type AnyClass<T extends object = object> = abstract new (...args: never[]) => T

/** How instances of a registered class cross a border. */
export interface RegisterOptions<T extends object, D = unknown> {
  /** The name it travels under; default: the class's own. Both sides have to use the same one. */
  readonly name?: string
  /** Turns an instance into something structured clone can carry. Default: its own enumerable fields. */
  readonly encode?: (instance: T) => D
  /** Makes an instance from what `encode` gave. Default: no constructor runs, the fields are put in place. */
  readonly decode?: (data: D) => T
}

/** A class as the codecs see it. */
export interface RegisteredClass {
  readonly name: string
  readonly prototype: object
  readonly encode: ((instance: object) => unknown) | undefined
  readonly decode: ((data: unknown) => object) | undefined
}

const byName = new Map<string, RegisteredClass>()
const byPrototype = new Map<object, RegisteredClass>()

/**
 * Lets errors of a class keep their class when they are thrown across to a thread, a process or back.
 *
 * In this version it holds for thrown errors and their causes; an instance inside an argument or a result arrives as its
 * plain fields.
 *
 * Call it at module level, next to the class, so that both sides run it. Without `decode` an instance is
 * rebuilt from its own fields and no constructor runs. The same class twice is fine: the later options count.
 *
 * @example
 * class PaymentError extends Error {
 *   constructor(readonly amount: number) { super(`cannot pay ${amount}`) }
 * }
 * registerClass(PaymentError)
 *
 * @throws {TypeError} PLAIT_INVALID_ARGUMENT for anything that is not a class with a name
 * @throws {InvalidStateError} PLAIT_INVALID_STATE when another class has that name already
 */
export function registerClass<T extends object, D = unknown>(
  Class: AnyClass<T>,
  options: RegisterOptions<T, D> = {},
): void {
  const prototype: unknown = typeof Class === 'function' ? Class.prototype : undefined
  if (typeof prototype !== 'object' || prototype === null) throw invalidArgument('Class', 'a class', Class)
  if (typeof options !== 'object' || options === null)
    throw invalidArgument('options', 'an object with name, encode or decode', options)
  const { name = Class.name, encode, decode } = options
  if (typeof name !== 'string' || name === '')
    throw invalidArgument('options.name', 'a name, since the class has none of its own', name)
  for (const [key, value] of Object.entries({ encode, decode })) {
    if (value !== undefined && typeof value !== 'function')
      throw invalidArgument(`options.${key}`, 'a function', value)
  }
  const holder = byName.get(name)
  if (holder !== undefined && holder.prototype !== prototype) {
    throw new InvalidStateError(
      `another class is registered as '${name}'; give this one a name of its own: registerClass(${Class.name || 'Class'}, { name: … })`,
    )
  }
  const previous = byPrototype.get(prototype)
  if (previous !== undefined) byName.delete(previous.name)
  const entry = { name, prototype, encode, decode } as RegisteredClass
  byName.set(name, entry)
  byPrototype.set(prototype, entry)
}

/** The registration of the value's own class; an unregistered subclass of a registered class has none. */
export function registeredClassOf(value: object): RegisteredClass | undefined {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null ? undefined : byPrototype.get(prototype as object)
}

/** The class registered under that name on this side. */
export function registeredClassNamed(name: string): RegisteredClass | undefined {
  return byName.get(name)
}
