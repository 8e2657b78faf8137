//! The demo's keys, for the page's "try the demo".

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use spacewatch_model::ErrorCode;

use crate::app::App;
use crate::problem::Problem;
use crate::tool::json_response;

/// Shows the demo's keys. Where no demo runs, the route doesn't exist.
pub(crate) async fn access(State(app): State<Arc<App>>) -> Response {
    let json = app
        .config
        .demo
        .as_ref()
        .and_then(|demo| serde_json::to_vec(demo).ok());
    match json {
        Some(json) => json_response(json.into()),
        None => Problem::new(ErrorCode::NotFound, "this server doesn't run the demo")
            .with_hint("`spacewatch demo` starts one")
            .into_response(),
    }
}
