//! Clients of the store.

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Region, RequestChecksumCalculation, StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use spacewatch_demo::{DemoStore, RunningStore};

/// Starts on a free port.
pub(crate) async fn start(store: DemoStore) -> RunningStore {
    store.start(([127, 0, 0, 1], 0).into()).await.unwrap()
}

/// A client of the first tenant.
pub(crate) fn client(store: &RunningStore) -> Client {
    let tenant = &store.tenants()[0];
    client_with(store, &tenant.access_key_id, tenant.secret_access_key.expose())
}

/// A client without retries.
pub(crate) fn client_with(store: &RunningStore, key: &str, secret: &str) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(store.endpoint())
        .credentials_provider(Credentials::new(key, secret, None, None, "test"))
        .region(Region::new("nyc3"))
        .force_path_style(true)
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// The status and code of an error answer, or what else went wrong.
pub(crate) fn code<T: std::fmt::Debug, E: ProvideErrorMetadata>(
    result: Result<T, SdkError<E, aws_sdk_s3::config::http::HttpResponse>>,
) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(SdkError::ServiceError(error)) => {
            let code = error.err().code().unwrap_or("-");
            format!("{} {code}", error.raw().status().as_u16())
        }
        Err(SdkError::DispatchFailure(_)) => "no answer".to_owned(),
        Err(SdkError::ResponseError(_)) => "bad answer".to_owned(),
        Err(SdkError::TimeoutError(_)) => "timeout".to_owned(),
        Err(_) => "other".to_owned(),
    }
}
