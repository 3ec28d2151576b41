import { clsx, type ClassValue } from "clsx";
import { twMerge } from "tailwind-merge";

/** Joins class names; of two that conflict the later one stands. */
export function cn(...classes: ClassValue[]): string {
  return twMerge(clsx(classes));
}
