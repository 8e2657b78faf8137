//! Multipart uploads.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use spacewatch_demo::DemoStore;

use crate::kit::{client, code, start};

const PART: usize = 5 * 1024 * 1024;

async fn part(client: &Client, id: &str, number: i32, size: usize) -> CompletedPart {
    let body = ByteStream::from(vec![u8::try_from(number).unwrap(); size]);
    let request = client
        .upload_part()
        .bucket("tests")
        .key("big")
        .upload_id(id)
        .part_number(number)
        .body(body);
    let etag = request.send().await.unwrap().e_tag;
    CompletedPart::builder()
        .part_number(number)
        .set_e_tag(etag)
        .build()
}

#[tokio::test]
async fn parts_make_an_object() {
    let store = start(DemoStore::empty().with_bucket("tests")).await;
    let client = client(&store);
    let begin = || client.create_multipart_upload().bucket("tests").key("big").send();
    let id = begin().await.unwrap().upload_id.unwrap();
    let complete = |parts: Vec<CompletedPart>| {
        let upload = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        client
            .complete_multipart_upload()
            .bucket("tests")
            .key("big")
            .upload_id(&id)
            .multipart_upload(upload)
            .send()
    };
    let (first, small) = (part(&client, &id, 1, PART).await, part(&client, &id, 2, 10).await);
    let last = part(&client, &id, 7, 3).await;
    let parts = client
        .list_parts()
        .bucket("tests")
        .key("big")
        .upload_id(&id)
        .max_parts(2)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            parts.parts().len(),
            parts.next_part_number_marker(),
            parts.is_truncated()
        ),
        (2, Some("2"), Some(true))
    );
    assert_eq!(
        code(complete(vec![last.clone(), first.clone()]).await),
        "400 InvalidPartOrder"
    );
    assert_eq!(
        code(complete(vec![first.clone(), small, last.clone()]).await),
        "400 EntityTooSmall"
    );
    let unknown = CompletedPart::builder().part_number(9).e_tag("\"x\"").build();
    assert_eq!(
        code(complete(vec![first.clone(), unknown]).await),
        "400 InvalidPart"
    );
    let done = complete(vec![first, last]).await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-2\""), "{done:?}");
    let body = client
        .get_object()
        .bucket("tests")
        .key("big")
        .send()
        .await
        .unwrap()
        .body;
    let bytes = body.collect().await.unwrap().into_bytes();
    assert_eq!((bytes.len(), bytes[PART - 1], bytes[PART]), (PART + 3, 1, 7));
    let again = begin().await.unwrap().upload_id.unwrap();
    let listed = client
        .list_multipart_uploads()
        .bucket("tests")
        .send()
        .await
        .unwrap();
    assert_eq!(listed.uploads()[0].upload_id(), Some(again.as_str()));
    client
        .abort_multipart_upload()
        .bucket("tests")
        .key("big")
        .upload_id(&again)
        .send()
        .await
        .unwrap();
    let gone = client
        .list_parts()
        .bucket("tests")
        .key("big")
        .upload_id(&again)
        .send()
        .await;
    assert_eq!(code(gone), "404 NoSuchUpload");
}
