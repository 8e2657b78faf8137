//! Inventories where an answer is a stream: how far a scan is, and all rows.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use spacewatch_insight::{
    InventoryExport, InventoryExportArgs, InventoryScopeArgs, InventoryState, InventoryWatch, Tenant,
};

use super::form::Form;
use super::{Door, respond, set_header, watch};
use crate::app::App;
use crate::door::{Subject, read_and_forget};
use crate::problem::Problem;
use crate::query;
use crate::request_id::RequestId;
use crate::tenant::Caller;

/// When the scan behind the rows began, as in the answers of the other routes.
const AS_OF: &str = "x-as-of";

pub(crate) async fn inventory_status(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    Caller(tenant): Caller,
    request: Request<Body>,
) -> Response {
    app.services.counters.tool_requests.increment();
    let args = match query::parse::<InventoryScopeArgs>(request.uri().query()) {
        Ok(args) => args,
        Err(problem) => return problem.into_response(),
    };
    let streams = Form::of(&request).is_events();
    let door = Door::of(&app, &request, request_id.clone());
    if let Err(problem) = read_and_forget(&app, request.into_body()).await {
        return problem.into_response();
    }
    if !streams {
        return respond::<InventoryState>(app, door, tenant, args).await;
    }
    let subject = Subject(args.bucket.clone());
    let mut response = match InventoryWatch::open(tenant, args).await {
        Ok(watched) => watch::stream(&app, watched, request_id),
        Err(error) => Problem::from(error).into_response(),
    };
    response.extensions_mut().insert(subject);
    response
}

pub(crate) async fn inventory_export(
    State(app): State<Arc<App>>,
    Caller(tenant): Caller,
    request: Request<Body>,
) -> Response {
    app.services.counters.tool_requests.increment();
    let args = match query::parse::<InventoryExportArgs>(request.uri().query()) {
        Ok(args) => args,
        Err(problem) => return problem.into_response(),
    };
    if let Err(problem) = read_and_forget(&app, request.into_body()).await {
        return problem.into_response();
    }
    let subject = Subject(args.bucket.clone());
    let mut response = export(&tenant, &args)
        .await
        .unwrap_or_else(IntoResponse::into_response);
    response.extensions_mut().insert(subject);
    response
}

async fn export(tenant: &Tenant, args: &InventoryExportArgs) -> Result<Response, Problem> {
    let export = InventoryExport::open(tenant, args).await?;
    let mut response = Response::new(Body::from_stream(export.rows()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(export.media_type()));
    let disposition = format!("attachment; filename=\"{}\"", export.file_name);
    set_header(headers, CONTENT_DISPOSITION.as_str(), &disposition)?;
    set_header(headers, AS_OF, &export.basis().as_of.to_string())?;
    Ok(response)
}
