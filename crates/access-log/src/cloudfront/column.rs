//! The names of CloudFront's columns.

macro_rules! columns {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $column:literal;)*) => {
        /// A column of a CloudFront log, in the order of today's logs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum CdnColumn {
            $($(#[$doc])* $variant,)*
        }

        /// How many columns are known.
        pub(crate) const KNOWN: usize = [$($name),*].len();

        impl CdnColumn {
            /// Every known column.
            pub const ALL: [Self; KNOWN] = [$(Self::$variant),*];

            /// The name in a `#Fields:` line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The name in a record batch.
            pub fn column(self) -> &'static str {
                match self { $(Self::$variant => $column),* }
            }

            pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
                $(if name.eq_ignore_ascii_case($name.as_bytes()) { return Some(Self::$variant); })*
                None
            }

            /// The place in [`Self::ALL`].
            pub(crate) fn index(self) -> usize {
                self as usize
            }
        }
    };
}

columns! {
    /// Day, UTC.
    Date = "date", "date_text";
    /// Time of day, UTC.
    Time = "time", "time_text";
    /// The edge location that answered.
    EdgeLocation = "x-edge-location", "edge_location";
    /// Bytes of the answer with its headers.
    BytesSent = "sc-bytes", "bytes_sent";
    /// The client's address.
    RemoteIp = "c-ip", "remote_ip";
    /// HTTP method.
    Method = "cs-method", "method";
    /// The distribution's own host name.
    Distribution = "cs(Host)", "distribution";
    /// Path of the request.
    UriStem = "cs-uri-stem", "uri_stem";
    /// HTTP status.
    Status = "sc-status", "status";
    /// `Referer` header.
    Referer = "cs(Referer)", "referer";
    /// `User-Agent` header.
    UserAgent = "cs(User-Agent)", "user_agent";
    /// Query of the request.
    UriQuery = "cs-uri-query", "uri_query";
    /// `Cookie` header.
    Cookie = "cs(Cookie)", "cookie";
    /// What became of the request when the last byte was sent: `Hit`, `Miss`, `Error` …
    ResultType = "x-edge-result-type", "result_type";
    /// CloudFront's id of the request.
    RequestId = "x-edge-request-id", "request_id";
    /// `Host` header as the client sent it.
    HostHeader = "x-host-header", "host";
    /// `http` or `https`.
    Protocol = "cs-protocol", "protocol";
    /// Bytes of the request.
    BytesReceived = "cs-bytes", "bytes_received";
    /// Seconds from the request's receipt to the answer's end.
    TimeTaken = "time-taken", "time_taken";
    /// `X-Forwarded-For` header.
    ForwardedFor = "x-forwarded-for", "forwarded_for";
    /// TLS version.
    TlsVersion = "ssl-protocol", "tls_version";
    /// TLS cipher suite.
    CipherSuite = "ssl-cipher", "cipher_suite";
    /// What became of the request before the answer was sent.
    ResponseResultType = "x-edge-response-result-type", "response_result_type";
    /// HTTP version.
    ProtocolVersion = "cs-protocol-version", "protocol_version";
    /// Field-level encryption.
    FleStatus = "fle-status", "fle_status";
    /// Fields encrypted.
    FleEncryptedFields = "fle-encrypted-fields", "fle_encrypted_fields";
    /// The client's port.
    Port = "c-port", "port";
    /// Seconds to the answer's first byte.
    TimeToFirstByte = "time-to-first-byte", "time_to_first_byte";
    /// The result type in more detail.
    DetailedResultType = "x-edge-detailed-result-type", "detailed_result_type";
    /// `Content-Type` of the answer.
    ContentType = "sc-content-type", "content_type";
    /// `Content-Length` of the answer.
    ContentLength = "sc-content-len", "content_length";
    /// First byte asked for.
    RangeStart = "sc-range-start", "range_start";
    /// Last byte asked for.
    RangeEnd = "sc-range-end", "range_end";
}
