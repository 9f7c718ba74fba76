/** The one place that speaks HTTP: base address, CSRF token, the API's error shape. */
import type { ServerRowError } from "./edits";

export interface ApiConfig {
  /** Superset's application root, without a slash at its end. */
  baseUrl: string;
  csrfToken: string;
}

/** An answer that is not a success, in the API's own words where it gave any. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details;
  }

  /** No answer came at all: the network, or Superset being down. */
  get isNetwork(): boolean {
    return this.status === 0;
  }

  /** Somebody else changed the row since it was read. */
  get isConflict(): boolean {
    return this.status === 412;
  }

  /** What is wrong with which field, where the API names fields. */
  get fieldErrors(): Record<string, string> {
    const errors = this.details.errors;
    if (!Array.isArray(errors)) return {};
    return Object.fromEntries(
      errors.filter((item) => item?.field).map((item) => [String(item.field), String(item.message)]),
    );
  }

  get rowErrors(): ServerRowError[] {
    const errors = this.details.errors;
    if (!Array.isArray(errors)) return [];
    return errors.filter(
      (error): error is ServerRowError =>
        typeof error === "object" && error !== null && typeof (error as ServerRowError).index === "number",
    );
  }
}

/** The wrong fields of any error; none where it is no answer of the API. */
export function fieldErrors(error: unknown): Record<string, string> {
  return error instanceof ApiError ? error.fieldErrors : {};
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export class Api {
  readonly config: ApiConfig;

  constructor(config: ApiConfig) {
    this.config = config;
  }

  get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    return this.send<T>("GET", `${path}${toSearch(query)}`, undefined, signal);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.send<T>("POST", path, body);
  }

  /** With the etag of what was read, the API refuses to change what somebody else changed since. */
  put<T>(path: string, body: unknown, etag?: string): Promise<T> {
    return this.send<T>("PUT", path, body, undefined, etag ? { "If-Match": `"${etag}"` } : {});
  }

  delete<T>(path: string, body: unknown = {}): Promise<T> {
    return this.send<T>("DELETE", path, body);
  }

  /** A form with files; the browser writes its content type, which holds the boundary. */
  postForm<T>(path: string, form: FormData, signal?: AbortSignal): Promise<T> {
    return this.send<T>("POST", path, form, signal);
  }

  private async send<T>(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    more: Record<string, string> = {},
  ): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/json", ...more };
    const isForm = body instanceof FormData;
    if (method !== "GET") {
      if (!isForm) headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = this.config.csrfToken;
    }
    let response: Response;
    try {
      response = await fetch(`${this.config.baseUrl}/api/v1/kpi${path}`, {
        method,
        headers,
        credentials: "same-origin",
        body: isForm ? body : body === undefined ? undefined : JSON.stringify(body),
        signal,
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(0, "network", "");
    }
    const payload = await readJson(response);
    // A session that has ended is answered with a redirect to the login page, which is no JSON.
    if (response.redirected && payload === undefined) throw new ApiError(401, "signed_out", "");
    if (!response.ok) throw toError(response.status, payload);
    return payload as T;
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.text());
  } catch {
    return undefined;
  }
}

function toError(status: number, payload: unknown): ApiError {
  const body = (payload ?? {}) as { error?: unknown; message?: unknown };
  const error = body.error;
  if (typeof error === "object" && error !== null) {
    const { code, message, details } = error as Record<string, unknown>;
    return new ApiError(
      status,
      String(code ?? "error"),
      String(message ?? ""),
      (details ?? {}) as Record<string, unknown>,
    );
  }
  return new ApiError(status, "error", typeof body.message === "string" ? body.message : "");
}

export function toSearch(query: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}
