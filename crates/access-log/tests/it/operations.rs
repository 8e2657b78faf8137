//! What operations count as.

use expect_test::{Expect, expect};
use spacewatch_access_log::{Category, Operation};
use std::collections::HashSet;

fn check(names: &str, expected: Expect) {
    let lines = names.split_whitespace().map(|name| {
        let operation = Operation::new(name.as_bytes()).unwrap();
        let method = operation.method().unwrap_or("-");
        format!(
            "{name}: {} {method}{}\n",
            operation.category().as_str(),
            if operation.is_request() { "" } else { " internal" }
        )
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn by_verb_and_noun() {
    check(
        "REST.GET.OBJECT REST.GET.OBJECT_TAGGING REST.GET.PART WEBSITE.GET.OBJECT REST.S3_GET_OBJECT REST.GET.BUCKET REST.GET.BUCKETVERSIONS
         REST.GET.UPLOADS REST.GET.UPLOAD REST.GET.ACL REST.HEAD.OBJECT REST.HEAD.BUCKET REST.PUT.OBJECT REST.PUT.PART REST.PUT.BUCKET SOAP.PUT.OBJECT
         REST.COPY.OBJECT REST.COPY.OBJECT_GET REST.COPY.PART REST.COPY.PART_GET REST.POST.OBJECT REST.POST.UPLOADS REST.POST.UPLOAD
         REST.POST.MULTI_OBJECT_DELETE REST.POST.DELETE_MULTI_OBJECT REST.DELETE.OBJECT REST.DELETE.UPLOAD REST.DELETE.BUCKET
         REST.OPTIONS.PREFLIGHT BATCH.DELETE.OBJECT S3.EXPIRE.OBJECT S3.TRANSITION_SIA.OBJECT S3.COMPUTE.OBJECT.CHECKSUM S3.CREATE.DELETEMARKER
         WEBSITE.INVALIDOPERATION REST.FROB.NICATE SOAP.CreateBucket REST..",
        expect![[r#"
            REST.GET.OBJECT: get GET
            REST.GET.OBJECT_TAGGING: get GET
            REST.GET.PART: get GET
            WEBSITE.GET.OBJECT: get GET
            REST.S3_GET_OBJECT: get GET
            REST.GET.BUCKET: list GET
            REST.GET.BUCKETVERSIONS: list GET
            REST.GET.UPLOADS: list GET
            REST.GET.UPLOAD: list GET
            REST.GET.ACL: other GET
            REST.HEAD.OBJECT: head HEAD
            REST.HEAD.BUCKET: head HEAD
            REST.PUT.OBJECT: put PUT
            REST.PUT.PART: put PUT
            REST.PUT.BUCKET: other PUT
            SOAP.PUT.OBJECT: put PUT
            REST.COPY.OBJECT: put PUT
            REST.COPY.OBJECT_GET: internal - internal
            REST.COPY.PART: put PUT
            REST.COPY.PART_GET: internal - internal
            REST.POST.OBJECT: post POST
            REST.POST.UPLOADS: post POST
            REST.POST.UPLOAD: post POST
            REST.POST.MULTI_OBJECT_DELETE: delete POST
            REST.POST.DELETE_MULTI_OBJECT: delete POST
            REST.DELETE.OBJECT: delete DELETE
            REST.DELETE.UPLOAD: delete DELETE
            REST.DELETE.BUCKET: other DELETE
            REST.OPTIONS.PREFLIGHT: other OPTIONS
            BATCH.DELETE.OBJECT: internal - internal
            S3.EXPIRE.OBJECT: internal - internal
            S3.TRANSITION_SIA.OBJECT: internal - internal
            S3.COMPUTE.OBJECT.CHECKSUM: internal - internal
            S3.CREATE.DELETEMARKER: internal - internal
            WEBSITE.INVALIDOPERATION: other -
            REST.FROB.NICATE: other -
            SOAP.CreateBucket: other -
            REST..: other -
        "#]],
    );
}

#[test]
fn only_five_families() {
    for no in [
        "",
        "REST",
        "REST.",
        "RESTGET",
        "rest.GET.OBJECT",
        "S3",
        "S3.",
        "-",
        "arn:aws:s3:::b",
    ] {
        assert_eq!(Operation::new(no.as_bytes()), None, "{no}");
    }
    let words: HashSet<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
    assert_eq!(words.len(), Category::ALL.len());
}
