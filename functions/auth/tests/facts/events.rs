//! What happens around signing in is remembered.

use domain::SecurityKind::{LockedOut, RefreshReused, SessionRevoked, SignInFailed, SignedIn};
use domain::{OrganizationId, SecurityEvent};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::{EMAIL, HOME, House, PASSWORD, elsewhere, organization};

#[tokio::test]
async fn each_sign_in_and_sign_out_is_an_event_with_its_request_and_address() {
    let (house, registered) = House::registered().await;
    let organization = organization(&registered);
    let answer = house.login(EMAIL, PASSWORD).await;
    let data = answer.data(200);
    house.post_by(&data, "/auth/logout", json!({})).await.expect(200);
    assert_eq!(house.happened(organization).await, [SignedIn, SignedIn, SessionRevoked]);

    let events: Vec<SecurityEvent> = house.all(organization).await;
    let (signed_out, signed_in) = (&events[0], &events[1]);
    assert_eq!(signed_in.user, Some(house.user(EMAIL).await.id));
    assert_eq!(signed_in.session, Some(house.session(&data).await.id));
    assert_eq!((signed_in.address.as_str(), &signed_in.data["proofs"]), (HOME, &json!(["password"])));
    assert_eq!((signed_out.session, &signed_out.data["why"]), (signed_in.session, &json!("logout")));
    let origin = house.event_of(signed_in).await.origin.expect("a request");
    assert_eq!((Some(origin.request_id.as_str()), origin.address.as_str()), (answer.header("x-request-id"), HOME));
}

#[tokio::test]
async fn a_failed_try_belongs_to_the_account_s_organization_or_to_the_platform() {
    let (house, registered) = House::registered().await;
    house.login_from(&elsewhere(1), EMAIL, "another password").await.expect(401);
    house.login_from(&elsewhere(1), "nobody@example.com", PASSWORD).await.expect(401);
    assert_eq!(house.happened(organization(&registered)).await, [SignedIn, SignInFailed]);
    assert_eq!(house.happened(OrganizationId::PLATFORM).await, [SignInFailed]);
    let events: Vec<SecurityEvent> = house.all(organization(&registered)).await;
    assert_eq!((events[0].address.as_str(), &events[0].data["by"]), (elsewhere(1).as_str(), &json!("password")));
}

#[tokio::test]
async fn a_wait_that_begins_is_an_event_and_the_tries_refused_meanwhile_are_none() {
    let (house, registered) = House::registered().await;
    for number in 0..8 {
        house.login_from(&elsewhere(number), EMAIL, "another password").await;
    }
    let mut expected = vec![SignedIn];
    expected.extend([SignInFailed; 5]);
    expected.push(LockedOut);
    let mut happened = house.happened(organization(&registered)).await;
    // Two events of one request have one time.
    happened.sort_by_key(|kind| *kind == LockedOut);
    assert_eq!(happened, expected);
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_later_is_an_event() {
    let (house, first) = House::registered().await;
    house.refresh(&first["refresh_token"]).await.expect(200);
    house.world.clock.advance(SignedDuration::from_secs(10));
    house.refresh(&first["refresh_token"]).await.expect(401);
    assert_eq!(house.happened(organization(&first)).await, [SignedIn, RefreshReused]);
}
