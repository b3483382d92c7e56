// A function that only a loader for TypeScript can read.
interface Rectangle {
  readonly width: number
  readonly height: number
}

export function area(rectangle: Rectangle): number {
  return rectangle.width * rectangle.height
}
