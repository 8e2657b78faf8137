//! How far reading of access logs is: once, or as it goes on.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::Request;
use spacewatch_insight::{IngestState, IngestWatch};

use super::form::Form;
use super::{Door, respond, watch};
use crate::app::App;
use crate::door::read_and_forget;
use crate::problem::Problem;
use crate::request_id::RequestId;
use crate::tenant::Caller;

pub(crate) async fn ingest_status(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    Caller(tenant): Caller,
    request: Request<Body>,
) -> Response {
    app.services.counters.tool_requests.increment();
    let streams = Form::of(&request).is_events();
    let door = Door::of(&app, &request, request_id.clone());
    if let Err(problem) = read_and_forget(&app, request.into_body()).await {
        return problem.into_response();
    }
    if !streams {
        return respond::<IngestState>(app, door, tenant, Default::default()).await;
    }
    match IngestWatch::open(tenant).await {
        Ok(watched) => watch::stream(&app, watched, request_id),
        Err(error) => Problem::from(error).into_response(),
    }
}
