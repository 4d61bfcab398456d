void mae_curl_begin(void);
