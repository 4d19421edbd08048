-- Files of the RAM disk in latin1, UTF-16 with byte order mark, UTF-32LE and UTF-8 with mark are read
-- with hSetEncoding. Catches encodings that need the C library's iconv.
module Main (main) where

import System.IO

main :: IO ()
main = do
  mapM_ (uncurry readAs) [("latin1.txt", latin1), ("utf16.txt", utf16), ("utf16be.txt", utf16be), ("utf32le.txt", utf32le), ("utf8bom.txt", utf8_bom), ("utf8.txt", utf8)]
  print [latin1, utf8, utf16, utf32be, char8]
  e <- mkTextEncoding "UTF-8//IGNORE"
  readAs "latin1.txt" e
  e2 <- mkTextEncoding "UTF-16LE"
  readAs "utf16le.txt" e2
  where
    readAs f enc = do
      h <- openFile f ReadMode
      hSetEncoding h enc
      s <- hGetContents h
      putStrLn (f ++ " " ++ show enc ++ ": " ++ show s)
      hClose h
