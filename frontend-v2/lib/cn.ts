import { clsx, type ClassValue } from "clsx";

/**
 * Joins class names. Nothing is dropped where two set the same: what a component may be told otherwise is written with
 * the `weak:` variant (`styles/globals.css`).
 */
export const cn = (...classes: ClassValue[]): string => clsx(classes);
