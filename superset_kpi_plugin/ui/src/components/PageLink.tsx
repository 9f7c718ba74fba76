/** A link to one of the plugin's pages, or into it: an ordinary link that doesn't load Superset anew. */
import type { MouseEvent, ReactNode } from "react";
import { useApi } from "../data/context";
import { navigate, type Page, pagePath } from "../router";

interface Props {
  page: Page;
  /** What follows the page's address: `?id=5`, `#gmv`. */
  at?: string;
  className?: string;
  children: ReactNode;
  "aria-current"?: "page";
  "data-testid"?: string;
  title?: string;
  tabIndex?: number;
}

export function PageLink({ page, at = "", children, ...rest }: Props) {
  const { config } = useApi();
  const open = (event: MouseEvent<HTMLAnchorElement>) => {
    // A row or card around the link has its own answer to a click.
    event.stopPropagation();
    // Ctrl or middle click opens a tab, as with any link.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    navigate(event.currentTarget.getAttribute("href") ?? "");
  };
  return (
    <a href={`${pagePath(page, config.baseUrl)}${at}`} onClick={open} {...rest}>
      {children}
    </a>
  );
}
