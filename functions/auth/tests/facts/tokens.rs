//! Access tokens: only ours, only in their time, only for us.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::Role;
use runtime::Platform;
use testkit::{Ask, SeededEntropy, World, forged};

use crate::support::House;

#[tokio::test]
async fn no_forged_token_is_let_in() {
    let world = World::new().await;
    let (tenant, _) = world.an_admin().await;
    let agent = world.a_person(&tenant, Role::Agent, tenant.branch).await;
    let router = crate::support::router(&world).await;
    Ask::get("/auth/me").by(&agent).of(&router).await.expect(200);
    for (what, token) in forged(&world.keys, &agent.claims, world.platform.now()) {
        let answer = Ask::get("/auth/me").bearing(&token).of(&router).await;
        assert_eq!(answer.status, 401, "{what}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{what}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_no_access_token() {
    let (house, data) = House::registered().await;
    house.me(&data["refresh_token"]).await.expect(401);
}

#[tokio::test]
async fn two_tokens_in_one_request_are_none() {
    let (house, data) = House::registered().await;
    let token = data["access_token"].as_str().unwrap_or_default();
    Ask::get("/auth/me").bearing(token).bearing(token).of(&house.router).await.expect(401);
}

#[tokio::test]
async fn the_key_document_has_the_key_of_the_tokens_and_nothing_private() {
    let (house, data) = House::registered().await;
    let answer = Ask::get("/.well-known/jwks.json").of(&house.router).await;
    answer.expect(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let keys = answer.json()["keys"].as_array().cloned().unwrap_or_default();
    let header = jsonwebtoken::decode_header(data["access_token"].as_str().unwrap_or_default()).expect("a header");
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(keys[0]["kid"].as_str(), header.kid.as_deref());
    for key in keys {
        let members: BTreeSet<String> = key.as_object().map(|key| key.keys().cloned().collect()).unwrap_or_default();
        let expected = ["alg", "crv", "kid", "kty", "use", "x"].map(str::to_owned);
        assert_eq!(members, BTreeSet::from(expected));
        assert_eq!((key["kty"].as_str(), key["crv"].as_str()), (Some("OKP"), Some("Ed25519")));
    }
}

/// The function with other secrets, on the same table.
async fn with_secrets(house: &House, signing: &str, previous: Option<&str>) -> axum::Router {
    let world = &house.world;
    let mut settings = world.platform.settings().clone();
    settings.signing_secret = Some(signing.to_owned());
    settings.signing_secret_previous = previous.map(str::to_owned);
    let entropy = Arc::new(SeededEntropy::new(7));
    let platform = Platform::new(settings, world.standins.dynamo.client(), Arc::new(world.clock.clone()), entropy)
        .with_keys(world.platform.table().keys().clone());
    auth::prepare(&platform).await.expect("the keys can be published");
    let keys = platform.table().signing_keys().await.expect("the keys can be read");
    crate::support::told_addresses(auth::router(web::App::new(platform, &keys)))
}

fn kid(token: &serde_json::Value) -> Option<String> {
    jsonwebtoken::decode_header(token.as_str().unwrap_or_default()).expect("a header").kid
}

#[tokio::test]
async fn two_keys_are_good_while_a_new_secret_takes_over() {
    let (house, old) = House::registered().await;
    let secret = house.world.platform.settings().signing_secret.clone().expect("a secret");
    let next = "another secret of the tests, long enough to sign with";
    let rotated = House { router: with_secrets(&house, next, Some(&secret)).await, world: house.world };
    let new = rotated.login(crate::support::EMAIL, crate::support::PASSWORD).await.data(200);
    assert_ne!(kid(&new["access_token"]), kid(&old["access_token"]));
    rotated.me(&old["access_token"]).await.expect(200);
    rotated.me(&new["access_token"]).await.expect(200);

    let keys = Ask::get("/.well-known/jwks.json").of(&rotated.router).await.json();
    let published: Vec<Option<String>> =
        keys["keys"].as_array().expect("keys").iter().map(|key| key["kid"].as_str().map(str::to_owned)).collect();
    assert_eq!(published[..2], [kid(&new["access_token"]), kid(&old["access_token"])]);
}

#[tokio::test]
async fn the_previous_key_is_published_where_it_was_not_yet() {
    let world = World::new().await;
    let router = crate::support::router(&world).await;
    let house = House { world, router };
    let router = with_secrets(
        &house,
        "a third secret of the tests, long enough",
        Some("a fourth secret of the tests, long enough"),
    )
    .await;
    let keys = Ask::get("/.well-known/jwks.json").of(&router).await.json();
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(4));
}
