//! Where calls go: to the endpoint that the policy allowed, with the bucket in the path.

use aws_sdk_s3::config::endpoint::{Endpoint as SdkEndpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_smithy_types::endpoint::EndpointAuthScheme;

use crate::Endpoint;

/// Takes the place of the SDK's own rules. Those read bucket names: one that looks like the alias of an access
/// point on an outpost, or of a directory bucket, is called at another host than the one that was allowed.
#[derive(Debug)]
pub(crate) struct PathStyle(pub(crate) Endpoint);

impl ResolveEndpoint for PathStyle {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        let url = match params.bucket() {
            Some(bucket) => format!("{}/{bucket}", self.0.url()),
            None => self.0.url().to_owned(),
        };
        let signed = EndpointAuthScheme::with_capacity("sigv4", 3)
            .put("disableDoubleEncoding", true)
            .put("signingName", "s3")
            .put("signingRegion", self.0.region().as_str().to_owned());
        EndpointFuture::ready(Ok(SdkEndpoint::builder().url(url).auth_scheme(signed).build()))
    }
}
