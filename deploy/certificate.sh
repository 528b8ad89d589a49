#!/bin/sh
# certbot calls this after each renewal: the certificate of the site in $1 goes to where nginx reads it.
set -eu
host=${1:?Enter the name of the site}
install -m 600 "/etc/letsencrypt/live/$host/fullchain.pem" /etc/ssl/estimator/cert.pem
install -m 600 "/etc/letsencrypt/live/$host/privkey.pem" /etc/ssl/estimator/key.pem
systemctl reload nginx
