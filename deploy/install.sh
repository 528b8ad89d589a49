#!/bin/sh
# Puts settings, systemd units, the proxy and the command `estimator` where they belong, for the site with the name in $1
# and the time zone in $2.
# Run it again after an upgrade: settings and certificates that are there stay as they are.
set -eu
host=${1:?Enter the name of the site, such as estimate.clinic.example}
zone=${2:?Enter the time zone of the clinic, such as America/Los_Angeles}
folder=$(cd "$(dirname "$0")" && pwd)

install -d -m 750 -g estimator /etc/estimator
if [ ! -e /etc/estimator/estimator.env ]; then
    sed -e "s|https://estimate.clinic.example|https://$host|" \
        -e "s|^ESTIMATOR_TIME_ZONE=.*|ESTIMATOR_TIME_ZONE=$zone|" \
        -e "s|^ESTIMATOR_METRICS_TOKEN=$|&$(openssl rand -hex 24)|" "$folder/estimator.env" >/etc/estimator/estimator.env
fi
chown root:estimator /etc/estimator/estimator.env
chmod 640 /etc/estimator/estimator.env
install -d -m 700 -o estimator -g estimator /var/lib/estimator

# Until there is a certificate that browsers trust, one that they warn of.
install -d -m 755 /var/www/acme
install -d -m 700 /etc/ssl/estimator
if [ ! -e /etc/ssl/estimator/key.pem ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$host" \
        -addext "subjectAltName=DNS:$host" -keyout /etc/ssl/estimator/key.pem -out /etc/ssl/estimator/cert.pem 2>/dev/null
fi
rm -f /etc/nginx/sites-enabled/default
ESTIMATOR_HOST=$host ESTIMATOR_APP=127.0.0.1:8000 envsubst '$ESTIMATOR_HOST $ESTIMATOR_APP' \
    <"$folder/nginx.conf.template" >/etc/nginx/conf.d/estimator.conf
nginx -t -q

install -m 644 "$folder"/systemd/* /etc/systemd/system/
systemctl daemon-reload
install -m 755 "$folder/estimator" /usr/local/bin/estimator
