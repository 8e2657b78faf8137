//! The OpenAPI document: complete, and the same as the file that clients are generated from.

use std::path::Path;

use crate::kit::kit;

#[test]
fn the_file_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let document = serde_json::to_string_pretty(&spacewatch_server::openapi_document()).expect("JSON") + "\n";
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    if before != document {
        std::fs::write(&path, &document).expect("the file can be written");
        panic!("openapi.json was out of date and has been rewritten: look at the difference and commit it");
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = kit().await.get("/openapi.json").send().await.json();
    assert_eq!(document, spacewatch_server::openapi_document());
    let text = document.to_string();
    for reference in text
        .split("\"$ref\":\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn every_described_route_answers() {
    let kit = kit().await;
    let document = spacewatch_server::openapi_document();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            let method = method.to_uppercase().parse().expect("a method");
            let answer = kit
                .ask(
                    method,
                    &path.replace("{id}", "x").replace("{file}", "top-ips.png"),
                )
                .send()
                .await;
            let is_demo = path == "/demo/access";
            assert!(
                is_demo || !matches!(answer.status.as_u16(), 404 | 405),
                "{path}: {}",
                answer.status
            );
        }
    }
}
