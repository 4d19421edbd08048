-- A heap limit of 8 MiB (-M8m): "Heap exhausted" on stderr and status 251.
module Main (main) where

import Data.IORef

main :: IO ()
main = do
  putStrLn "filling the heap"
  kept <- newIORef []
  mapM_ (\n -> modifyIORef' kept (n :)) [1 .. 10000000 :: Integer]
  readIORef kept >>= print . length
