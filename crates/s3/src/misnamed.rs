//! Answers whose root element a store names otherwise than S3 does.

use bytes::Bytes;
use memchr::memmem;
use spacewatch_telemetry::S3Call;

use crate::listing_xml;

/// What Ceph's gateway calls a `PublicAccessBlockConfiguration`, which the SDK refuses.
const OF_CEPH: &str = "BlockPublicAccessBlockConfiguration";
const STANDARD: &[u8] = b"PublicAccessBlockConfiguration";

/// The answer to a call as S3 would have written it.
pub(crate) fn corrected(call: S3Call, body: Bytes) -> Bytes {
    if call != S3Call::GetPublicAccessBlock || listing_xml::root(&body).as_deref() != Some(OF_CEPH) {
        return body;
    }
    let mut corrected = Vec::with_capacity(body.len());
    let mut rest = body.as_ref();
    while let Some(at) = memmem::find(rest, OF_CEPH.as_bytes()) {
        let (before, after) = rest.split_at(at);
        corrected.extend_from_slice(before);
        corrected.extend_from_slice(STANDARD);
        rest = after.strip_prefix(OF_CEPH.as_bytes()).unwrap_or_default();
    }
    corrected.extend_from_slice(rest);
    corrected.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_misnamed_answer_is_changed() {
        let said = "<?xml version=\"1.0\"?><BlockPublicAccessBlockConfiguration><BlockPublicAcls>true\
                    </BlockPublicAcls></BlockPublicAccessBlockConfiguration>";
        let right = said.replace(OF_CEPH, "PublicAccessBlockConfiguration");
        for (call, answer, expected) in [
            (S3Call::GetPublicAccessBlock, said, right.as_str()),
            (S3Call::GetPublicAccessBlock, right.as_str(), right.as_str()),
            (S3Call::GetBucketPolicy, said, said),
            (S3Call::GetPublicAccessBlock, "", ""),
        ] {
            assert_eq!(
                corrected(call, Bytes::copy_from_slice(answer.as_bytes())),
                expected
            );
        }
    }
}
