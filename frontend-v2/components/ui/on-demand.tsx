import { lazy, Suspense, type ComponentType, type FunctionComponent } from "react";
import { fetchPart } from "@/lib/fetch-part";

/**
 * A component whose code is fetched when it is first shown; `Waiting` stands in its place meanwhile. Without a
 * line it is waited for; what a server that answers does not have any more ends in the page's error view.
 */
export function onDemand<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Waiting?: ComponentType,
): FunctionComponent<Props> {
  const Part: ComponentType<Props> = lazy(() => fetchPart(load).then((part) => ({ default: part })));
  return function OnDemand(props) {
    return (
      <Suspense fallback={Waiting ? <Waiting /> : null}>
        <Part {...props} />
      </Suspense>
    );
  };
}
