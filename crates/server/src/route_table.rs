//! What is known of a route before anybody handles it.

use std::collections::HashMap;
use std::sync::Arc;

use spacewatch_telemetry::OperationType;

/// What a route counts as, and how it is guarded.
#[derive(Debug, Clone)]
pub(crate) struct RouteFacts {
    /// The route's template, as the operation log shows it.
    pub(crate) endpoint: Arc<str>,
    pub(crate) operation: OperationType,
    pub(crate) rate_limited: bool,
    /// Answers under any host name: probes of orchestrators name whatever they like.
    pub(crate) any_host: bool,
}

/// What is known of each route by its template.
pub(crate) struct RouteTable {
    known: HashMap<&'static str, RouteFacts>,
    unknown: RouteFacts,
}

impl RouteTable {
    pub(crate) fn new(known: HashMap<&'static str, RouteFacts>) -> Self {
        Self {
            known,
            unknown: RouteFacts {
                endpoint: "(no such route)".into(),
                operation: OperationType::Unknown,
                rate_limited: true,
                any_host: false,
            },
        }
    }

    pub(crate) fn facts(&self, template: Option<&str>) -> RouteFacts {
        template
            .and_then(|template| self.known.get(template))
            .unwrap_or(&self.unknown)
            .clone()
    }
}
