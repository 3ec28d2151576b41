import { lazy, Suspense, type ComponentType } from "react";

/**
 * A component whose code is fetched when it is first shown; `Waiting` stands in its place meanwhile. Code that can't be
 * fetched ends in the page's error view, which loads the page again once the line is back.
 */
export function onDemand<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Waiting?: ComponentType,
): ComponentType<Props> {
  const Part: ComponentType<Props> = lazy(() => load().then((part) => ({ default: part })));
  return function OnDemand(props) {
    return (
      <Suspense fallback={Waiting ? <Waiting /> : null}>
        <Part {...props} />
      </Suspense>
    );
  };
}
