import {
  useQuery,
  type DefaultError,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useDeferredValue } from "react";

/**
 * A query whose answer is drawn in short tasks: the store that it comes from would have all of it drawn in one. For what
 * is shown, and not for what decides on the reader's next step.
 */
export function useFetched<Data, Shown = Data, Key extends QueryKey = QueryKey>(
  options: UseQueryOptions<Data, DefaultError, Shown, Key>,
): UseQueryResult<Shown> {
  return useDeferredValue(useQuery(options));
}
