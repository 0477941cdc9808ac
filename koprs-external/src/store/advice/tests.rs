//! What servers answer to a declaration with a mistake, and the way out.

use super::Operation::{List, Propfind, Read};
use super::*;

fn xml(code: &str, message: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}\
         <RequestId>4442587FB7D0A2F9</RequestId></Error>"
    )
}

fn help(operation: Operation, status: u16, body: &str) -> String {
    Refusal::read(status, body).help(operation).unwrap_or_default()
}

#[test]
fn a_wrong_region_is_answered_with_the_right_one() {
    let quoted = "the region &#34;us-east-1&#34; is wrong; expecting &#34;eu-west-1&#34;";
    let endpoint = "<Endpoint>models.s3.eu-west-1.amazonaws.com</Endpoint>";
    for (server, status, code, message, more, expected) in [
        (
            "AWS",
            400,
            "AuthorizationHeaderMalformed",
            "wrong",
            "<Region>eu-west-1</Region>",
            "to `eu-west-1`",
        ),
        ("versitygw", 400, "AuthorizationHeaderMalformed", quoted, "", "to `eu-west-1`"),
        (
            "MinIO",
            400,
            "AuthorizationHeaderMalformed",
            "the region is wrong; expecting 'eu-west-1'.",
            "",
            "to `eu-west-1`",
        ),
        (
            "Garage",
            400,
            "AuthorizationHeaderMalformed",
            "unexpected scope: 20260101/us-east-1/s3/aws4_request",
            "<Region>garage</Region>",
            "to `garage`",
        ),
        (
            "AWS, with the endpoint of another region",
            301,
            "PermanentRedirect",
            "The bucket must be addressed using the specified endpoint.",
            endpoint,
            "to the region of the bucket, which is served at `models.s3.eu-west-1.amazonaws.com`",
        ),
        (
            "AWS, with the endpoint of a region",
            400,
            "IllegalLocationConstraintException",
            "The unspecified location constraint is incompatible",
            "",
            "to the region of the bucket",
        ),
        (
            "R2",
            400,
            "InvalidRegionName",
            "The region name 'x' is not valid.",
            "",
            "to the region of the bucket",
        ),
    ] {
        let help = help(List, status, &xml(code, message, more));
        let why = if status == 301 { "the bucket is in another region: " } else { "" };
        assert_eq!(help, format!("{why}set `aws_region` {expected}"), "{server}");
    }
    assert!(help(List, 301, "").ends_with("set `aws_region` to the region of the bucket"));
}

#[test]
fn a_clock_that_is_not_right_is_named_with_the_time_of_the_server() {
    let time =
        "<RequestTime>20261130T175131Z</RequestTime><ServerTime>2026-11-30T16:51:31Z</ServerTime>";
    assert_eq!(
        help(List, 403, &xml("RequestTimeTooSkewed", "The difference is too large.", time)),
        "correct the clock of this machine: it differs from that of the server, which says that it is \
         2026-11-30T16:51:31Z"
    );
}

/// The operation, the answer, and what its help has.
#[test]
fn each_code_has_its_way_out() {
    let google = "<Details>a@b does not have storage.objects.list access to the bucket.</Details>";
    let kms = "User is not authorized to perform: kms:Decrypt on this resource";
    let azurite = "Server failed to authenticate the request.";
    for (operation, status, code, message, more, expected) in [
        (List, 404, "NoSuchBucket", "", "", "check the bucket in the URL"),
        (List, 404, "NoSuchKey", "", "", "without a path"),
        (List, 403, "SignatureDoesNotMatch", "", "", "`aws_secret_access_key`"),
        (List, 403, "InvalidAccessKeyId", "", "", "`aws_access_key_id`"),
        (List, 404, "XAdminUserNotFound", "", "", "`aws_access_key_id`"),
        (List, 400, "ExpiredToken", "", "", "renew the credentials"),
        (List, 400, "InvalidToken", "", "", "`aws_session_token`"),
        (List, 403, "AccessDenied", "Access Denied", "", "`s3:ListBucket`"),
        (Read, 403, "AccessDenied", "Access Denied", "", "`s3:GetObject`"),
        (Read, 403, "AccessDenied", kms, "", "`kms:Decrypt`"),
        (List, 403, "AccessDenied", "Request has expired", "", "renew the credentials"),
        (List, 403, "AccessDenied", "Access denied.", google, "`roles/storage.objectViewer`"),
        (Read, 403, "InvalidObjectState", "", "", "the object is archived"),
        (Read, 409, "BlobArchived", "", "", "the object is archived"),
        (List, 404, "ContainerNotFound", "", "", "check the container"),
        (List, 403, "AuthenticationFailed", "", "", "`azure_storage_account_key`"),
        (List, 403, "AuthorizationFailure", azurite, "", "`azure_storage_account_key`"),
        (List, 403, "AuthorizationFailure", "not authorized", "", "firewall"),
        (List, 403, "AuthorizationPermissionMismatch", "", "", "`Storage Blob Data Reader`"),
        (List, 401, "NoAuthenticationInformation", "", "", "declare credentials"),
        (List, 403, "SomethingElse", "", "", "credentials are missing, were rejected"),
        (List, 401, "SomethingElse", "", "", "credentials are missing or were rejected"),
        (List, 500, "InternalError", "", "", ""),
        (List, 503, "SlowDown", "", "", ""),
        (Read, 404, "NoSuchKey", "", "", ""),
    ] {
        let help = help(operation, status, &xml(code, message, more));
        assert_eq!(help.is_empty(), expected.is_empty(), "{code}: {help}");
        assert!(help.contains(expected), "{code}: {help}");
    }
}

#[test]
fn a_webdav_server_is_not_asked_for_credentials_that_it_does_not_want() {
    let apache = "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\">\n\
         <html>\n<head>\n<title>403 Forbidden</title>\n</head><body>\n<h1>Forbidden</h1>\n<p>PROPFIND requests with a \
         Depth of \"infinity\" are not allowed for /.</p>\n</body></html>\n";
    let lighttpd = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\"><D:propfind-finite-depth/>\
         </D:error>\n";
    for body in [apache, lighttpd] {
        let help = help(Propfind, 403, body);
        assert!(
            help.contains("`Depth: infinity`") && help.contains("`DavDepthInfinity On`"),
            "{help}"
        );
        assert!(!help.contains("credentials"), "{help}");
    }
    for (status, expected) in [
        (403, "it may not allow `Depth: infinity`"),
        (401, "`CheckedConnector::with_client`"),
        (404, "check the folder"),
        (405, "no WebDAV at this URL"),
        (501, "no WebDAV at this URL"),
    ] {
        let help = help(Propfind, status, "<html><title>No</title></html>");
        assert!(help.contains(expected), "{status}: {help}");
    }
}
