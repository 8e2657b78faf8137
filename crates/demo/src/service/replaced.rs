//! Objects that are not what the listing said.

use http::{HeaderMap, HeaderValue};

use crate::faults::Plan;

const WRONG: &str = "\"00000000000000000000000000000bad\"";
const CHANGED: &str = "\"0000000000000000000000000changed\"";

/// Whether the request insists on the object that was listed.
pub(super) fn refuses(headers: &HeaderMap) -> bool {
    let wanted = headers.get(http::header::IF_MATCH);
    wanted.is_some_and(|wanted| wanted != "*" && wanted != CHANGED)
}

/// Names another ETag than the object's, where the plan says so.
pub(super) fn change_etag(headers: &mut HeaderMap, plan: &Plan) {
    let other = if plan.changed { CHANGED } else { WRONG };
    if (plan.changed || plan.wrong_etag) && headers.contains_key(http::header::ETAG) {
        headers.insert(http::header::ETAG, HeaderValue::from_static(other));
    }
}
