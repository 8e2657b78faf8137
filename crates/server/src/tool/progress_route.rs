//! Work that goes on, at its own address.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use spacewatch_model::ErrorCode;
use utoipa::ToSchema;

use super::events::ProgressReport;
use super::{json_response, still_readable};
use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::request_id::RequestId;
use crate::tenant::Caller;

/// A piece of work, and its outcome once there is one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkState {
    /// The work's id.
    id: String,
    /// The tool that works.
    tool: &'static str,
    /// How it stands: `running`, `done` or `failed`.
    state: &'static str,
    /// How far it is.
    progress: ProgressReport,
    /// The tool's answer, when `done`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// Why there is none, when `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemDocument>,
}

/// Tells who began it how a piece of work stands. To everyone else it doesn't exist.
pub(crate) async fn work(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    id: Result<Path<String>, PathRejection>,
    Caller(tenant): Caller,
) -> Response {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    let found = app.works.find(&id, &tenant.store.fingerprint());
    let Some(work) = found else {
        return Problem::new(ErrorCode::NotFound, "there is no such work for these credentials")
            .with_hint("results are kept for a few minutes; ask the question again")
            .into_response();
    };
    if !still_readable(&tenant.store, &work.evidence).await {
        return Problem::new(
            ErrorCode::AccessDenied,
            "these keys can't read that bucket any more",
        )
        .into_response();
    }
    let (state, result, problem) = match work.outcome() {
        None => ("running", None, None),
        Some(Ok(json)) => ("done", serde_json::from_slice(&json).ok(), None),
        Some(Err(problem)) => ("failed", None, Some(problem.document(&request_id.id))),
    };
    let state = WorkState {
        id: work.id.to_string(),
        tool: work.question.tool,
        state,
        progress: ProgressReport::of(&work, &app),
        result,
        problem,
    };
    match serde_json::to_vec(&state) {
        Ok(json) => json_response(json.into()),
        Err(_) => Problem::internal().into_response(),
    }
}
