//! The HTTP door: extractors, authentication, limits, error mapping, OpenAPI, the embedded pages.
