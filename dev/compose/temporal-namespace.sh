#!/bin/sh
# Runs in temporalio/admin-tools. Makes the namespace TEMPORAL_NAMESPACE on the server TEMPORAL_ADDRESS, which keeps
# ended workflows for RETENTION, and its SEARCH_ATTRIBUTES (words "Name=Type"). What exists is left as it is, so this is
# safe to repeat.
set -eu

# The port opens before the server serves; a failure here ends the container, and Compose starts it again.
temporal operator cluster health

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"

existing=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE")
for attribute in $SEARCH_ATTRIBUTES; do
  name=${attribute%%=*}
  type=${attribute##*=}
  echo "$existing" | grep -qw "$name" ||
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type "$type"
done
