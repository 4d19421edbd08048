-- A full block buffer and a rest in it reach stdout at the normal end of main without hFlush.
module Main (main) where

import System.IO

main :: IO ()
main = do
  hSetBuffering stdout (BlockBuffering (Just 1000))
  mapM_ (\n -> putStr (show n ++ (if n `mod` 20 == 0 then "\n" else " "))) [1 .. 1000 :: Int]
  hSetBuffering stderr (BlockBuffering Nothing)
  putStr "the end of stdout\n"
