//! Who need not see a person's address and number does not.

use domain::{Change, CustomRole, Permission, PersonalFields, Role, RoleId, RowReach};
use serde_json::{Value, json};
use testkit::{Ask, Person};

use crate::Ground;

/// A lead with an address and a number, and somebody who reaches it but sees neither.
async fn masked() -> (Ground, Value, Person) {
    let house = Ground::new().await;
    let body = json!({"full_name": "Asha Example", "email": "asha@example.com", "phone": "+919876543210"});
    let lead = Ask::post("/leads", body).by(&house.admin).of(&house.router).await.data(201);
    let (world, now) = (&house.world, house.world.platform.now());
    let id = RoleId::at(now, world.platform.random());
    let role = CustomRole {
        permissions: [
            Permission::LeadsRead,
            Permission::LeadsWrite,
            Permission::LeadsReveal,
            Permission::LeadsExport,
            Permission::LeadsDelete,
            Permission::SegmentsRead,
            Permission::SegmentsWrite,
        ]
        .into_iter()
        .collect(),
        reach: RowReach::All,
        clear: PersonalFields::NONE,
        ..CustomRole::new(id, house.tenant.organization, "Caller".into(), now)
    };
    let grant = domain::Caller::system(house.tenant.organization, "test").own();
    world.platform.table().commit(&grant, Change::create(role, "role.created")).await.expect("a role");
    let person = world.a_person(&house.tenant, Role::Viewer, house.tenant.branch).await;
    let membership: domain::Membership =
        world.platform.table().get(&grant, domain::Membership::id_of(person.user)).await.expect("a membership");
    let after = domain::Membership { role: domain::RoleKey::Own(id), ..membership.clone() };
    world
        .platform
        .table()
        .commit(&grant, Change::update(membership, after, "membership.updated"))
        .await
        .expect("a role");
    world.settle().await;
    (house, lead, person)
}

#[tokio::test]
async fn masked_fields_are_masked_wherever_a_lead_is_shown() {
    let (house, lead, person) = masked().await;
    let id = lead["id"].as_str().expect("an id");
    let (path, history, list) = (format!("/leads/{id}"), format!("/leads/{id}/history"), "/leads".to_owned());
    let changed = json!({"phone": "+919876543211", "city": "Pune"});
    Ask::put(&path, changed).by(&house.admin).of(&house.router).await.expect(200);
    house.world.settle().await;
    for path in [path, history, list, "/leads/search/asha".to_owned(), "/leads/export".to_owned()] {
        let answer = Ask::get(&path).by(&person).of(&house.router).await;
        let body = String::from_utf8_lossy(&answer.expect(200).bytes).into_owned();
        assert!(!body.contains("98765") && !body.contains("asha@"), "{path}: {body}");
        assert!(body.contains("+91******321"), "{path}: {body}");
    }
}

#[tokio::test]
async fn nobody_finds_out_what_is_masked_by_filtering_for_it() {
    let (house, _, person) = masked().await;
    for (field, value) in [("phone", "%2B919876543210"), ("email", "asha%40example.com")] {
        let answer = Ask::get(format!("/leads?{field}={value}")).by(&person).of(&house.router).await;
        assert_eq!(answer.expect(422).wrong(), [(field.to_owned(), "masked_field".to_owned())]);
        Ask::get(format!("/leads?{field}={value}")).by(&house.admin).of(&house.router).await.expect(200);
    }
}

#[tokio::test]
async fn nobody_finds_out_what_is_masked_by_changing_whom_it_fits() {
    let (house, _, person) = masked().await;
    let email = json!({"email": "asha@example.com"});
    for filter in [email.clone(), json!({"any": [email.clone(), {"city": "Pune"}]}), json!({"any": [{"all": [email]}]})]
    {
        let body = json!({"filter": filter, "action": "tag", "tags": ["found"]});
        let wrong = Ask::post("/leads/bulk", body.clone()).by(&person).of(&house.router).await.expect(422).wrong();
        assert_eq!(wrong, [("filter.email".to_owned(), "masked_field".to_owned())], "{body}");
        let changed = Ask::post("/leads/bulk", body).by(&house.admin).of(&house.router).await.data(200);
        assert_eq!(changed["changed"], 1);
    }
}

#[tokio::test]
async fn a_field_is_revealed_with_a_reason_that_stays() {
    let (house, lead, person) = masked().await;
    let path = format!("/leads/{}/reveal", lead["id"].as_str().expect("an id"));
    let none = Ask::post(&path, json!({"fields": ["pan"]})).by(&person).of(&house.router).await;
    let wrong = none.expect(422).wrong();
    assert_eq!(
        wrong,
        [("fields.0".to_owned(), "unknown_field".to_owned()), ("reason".to_owned(), "required".to_owned())]
    );
    let body = json!({"fields": ["phone"], "reason": "They asked to be called."});
    let revealed = Ask::post(&path, body.clone()).by(&person).of(&house.router).await.data(200);
    assert_eq!((&revealed["phone"], &revealed["email"]), (&json!("+919876543210"), &Value::Null));
    let history = Ask::get(path.replace("reveal", "history")).by(&house.admin).of(&house.router).await.data(200);
    let entry = &history["history"][0];
    assert_eq!((&entry["action"], &entry["reason"]), (&json!("lead.revealed"), &json!("They asked to be called.")));
    assert_eq!((&entry["data"]["fields"], &entry["user_id"]), (&json!(["phone"]), &json!(person.user)));
    let agent = house.world.a_person(&house.tenant, Role::Agent, house.tenant.branch).await;
    Ask::post(&path, body).by(&agent).of(&house.router).await.expect(403);
}

#[tokio::test]
async fn nobody_finds_out_what_is_masked_by_a_segment() {
    let (house, _, person) = masked().await;
    let body = json!({"name": "Her", "criteria": {"email": "asha@example.com"}});
    let segment = Ask::post("/segments", body.clone()).by(&house.admin).of(&house.router).await.data(201);
    for part in ["leads", "count"] {
        let path = format!("/segments/{}/{part}", segment["id"].as_str().expect("an id"));
        let wrong = Ask::get(path).by(&person).of(&house.router).await.expect(422).wrong();
        assert_eq!(wrong, [("criteria.email".to_owned(), "masked_field".to_owned())]);
    }
    let wrong = Ask::post("/segments", body).by(&person).of(&house.router).await.expect(422).wrong();
    assert_eq!(wrong, [("criteria.email".to_owned(), "masked_field".to_owned())]);
}
