import { type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";

/** A page of a list: whatever it holds, and where the list goes on. */
export interface Page {
  readonly cursor: string | null;
}

export interface Pages<P extends Page> {
  readonly pages: readonly P[];
  readonly error: unknown;
  readonly isPending: boolean;
  readonly isFetching: boolean;
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly refetch: () => void;
}

/**
 * A list that the API gives in pages: the first at once, further ones when `more` asks. `refetch` reads
 * again all pages that were read.
 */
export function usePages<P extends Page>(
  key: readonly unknown[],
  fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<P>,
  options: { readonly refetchInterval?: number } = {},
): Pages<P> {
  const found = useInfiniteQuery<P, Error, InfiniteData<P>, readonly unknown[], string | undefined>(
    {
      queryKey: key,
      queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
      initialPageParam: undefined,
      getNextPageParam: (page) => page.cursor ?? undefined,
      ...options,
    },
  );
  return {
    pages: found.data?.pages ?? [],
    error: found.error,
    isPending: found.isPending,
    isFetching: found.isFetching,
    hasMore: found.hasNextPage,
    more: () => void found.fetchNextPage(),
    refetch: () => void found.refetch(),
  };
}
